"use strict";

// A job that is not done is looked at again.
setTimeout(() => location.reload(), 3000);
