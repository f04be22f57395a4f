-- A row of the ledger is taken back once: the reference of a reversal is the id of the row that it takes back. Payments
-- wait while this runs, a few seconds for a million ledger rows.
create unique index ledger_reverses_a_row_once on public.reward_ledger (reference) where source = 'reversal';
