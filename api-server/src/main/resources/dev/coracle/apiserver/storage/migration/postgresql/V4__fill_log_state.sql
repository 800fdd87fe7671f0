INSERT INTO log_state (id, head, compacted)
SELECT 1, COALESCE(MAX(revision), 0), 0 FROM revision_log
WHERE NOT EXISTS (SELECT 1 FROM log_state)
