-- The register of reads: one line a read of an audited dataset, each line bound to the one before by its hash.
-- Whoever logs in can only add a line, by a function; what was written is changed by nobody, and purged by a function
-- that itself leaves a line.

SET ROLE geosocle_owner;
CREATE SCHEMA registre;

CREATE TABLE registre.lines (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('read', 'count', 'download', 'purge')),
    organisation text,
    bearer uuid,
    usage text,
    door text,
    dataset text,
    agreements jsonb NOT NULL DEFAULT '[]',
    features jsonb NOT NULL DEFAULT '{}',
    job uuid,
    purged jsonb,
    previous bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX ON registre.lines (at);
CREATE INDEX ON registre.lines (job) WHERE job IS NOT NULL;
COMMENT ON TABLE registre.lines IS 'Registre des lectures : qui, quand, par quelle convention, quels objets ; chaîné';
COMMENT ON COLUMN registre.lines.bearer IS 'Identifiant du jeton ou de l''identité, jamais ce qui permet d''entrer';
COMMENT ON COLUMN registre.lines.agreements IS '[{agreement, purpose, groups: {groupe: [communes]}}]';
COMMENT ON COLUMN registre.lines.features IS '{commune: [identifiants]}';

-- The end of the chain: who takes lines off it would have to change this too. Its lock puts the lines in their order.
CREATE TABLE registre.head (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    number bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO registre.head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'));
COMMENT ON TABLE registre.head IS 'Dernière ligne du registre';

-- What agreements' quotas have let through: one counter an agreement and measure, which begins anew when its period,
-- minute, day or month of Paris, turns.
CREATE TABLE registre.counters (
    agreement access.slug NOT NULL REFERENCES access.agreements ON DELETE CASCADE,
    measure text NOT NULL CHECK (measure IN ('features_day', 'export_bytes_month', 'requests_minute')),
    period timestamptz NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (agreement, measure)
) WITH (fillfactor = 50);  -- one row is written over and over: room beside it spares the index
COMMENT ON TABLE registre.counters IS 'Ce que chaque convention a déjà donné de ses quotas, dans la minute, le jour ou le mois dit par period';

GRANT USAGE ON SCHEMA registre TO geosocle_register, geosocle_audit, geosocle_backup;
GRANT SELECT, INSERT, DELETE ON registre.lines TO geosocle_register;
GRANT SELECT, UPDATE ON registre.head TO geosocle_register;
GRANT SELECT, INSERT, UPDATE ON registre.counters TO geosocle_register;
GRANT SELECT ON registre.lines, registre.head, registre.counters TO geosocle_backup;
