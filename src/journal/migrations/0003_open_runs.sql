-- Format 3: the few runs that have not ended are found among the many that have.
--
-- Never edit this file: add the next one.

CREATE INDEX run_open ON run (state, created_at) WHERE ended_at IS NULL;
