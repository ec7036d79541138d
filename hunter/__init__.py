"""The leak hunter: random callers at every door, each answer judged by what an oracle says, apart from the product."""
