/** What `aftercall verify` has to find: table by table, and what it says of each. */
import { FOLD_RULES } from '../../src/calls/fold/foldRules.ts';
import { SOURCE_KEY } from '../kit/organisation.ts';

export interface Planted {
  readonly what: string;
  /** Those of one name leave traces that do not touch, and one verify can find all of them. */
  readonly together?: string;
  readonly harm: string | readonly string[];
  /** A statement that undoes it, or the commands that the remedy names. */
  readonly mend: string | readonly (readonly string[])[];
  readonly found: RegExp;
  readonly remedy: RegExp;
}

const ONE_ROLLUP = `day = (SELECT max(day) FROM rollup WHERE dimension = 'line') AND dimension = 'line'`;
/** One thing at a time that does not add up, and how it is undone. */
export const PLANTED: readonly Planted[] = [
  {
    what: 'a wrong total',
    together: 'sums',
    harm: `UPDATE rollup SET calls = calls + 1 WHERE ${ONE_ROLLUP}`,
    mend: [['rebuild']],
    found: /^statistics of \d{4}-\d\d-\d\d, line \S+ of \S+, \w+, \w+.*: calls is \d+, counted \d+$/m,
    remedy: /run "aftercall rebuild"\.$/m,
  },
  {
    what: 'a call unlike its reports',
    together: 'calls',
    harm: 'UPDATE call SET duration_seconds = duration_seconds + 5 WHERE id = 1',
    mend: 'UPDATE call SET duration_seconds = duration_seconds - 5 WHERE id = 1',
    found: /^call 1 is unlike its reports: durationSeconds is \d+, they say \d+$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a talk unlike its reports',
    harm: 'UPDATE call SET talk_seconds = talk_seconds + 100 WHERE id = 1',
    mend: [['refold', '--source', SOURCE_KEY, '--from', '2026-03-01', '--to', '2026-03-05'], ['rebuild']],
    found: /^call 1 is unlike its reports: talkSeconds is \d+, they say \d+$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a number unlike its reports, which is not printed',
    together: 'calls',
    harm: `UPDATE call SET "from" = '9' || "from" WHERE id = 4`,
    mend: `UPDATE call SET "from" = substr("from", 2) WHERE id = 4`,
    found: /^call 4 is unlike its reports: from differs$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a person who took no part',
    together: 'calls',
    harm: `INSERT INTO participation (call_id, user_id, role, started_at, ring_seconds, talk_seconds)
      SELECT id, 3, 'rang', started_at, NULL, NULL FROM call WHERE id = 5`,
    mend: 'DELETE FROM participation WHERE call_id = 5 AND user_id = 3',
    found: /^call 5 is unlike its reports: participants differ$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a person in a call that does not exist',
    together: 'rows of their own',
    harm: `INSERT INTO participation (call_id, user_id, role, started_at, ring_seconds, talk_seconds)
      VALUES (999999, 3, 'rang', 0, NULL, NULL)`,
    mend: 'DELETE FROM participation WHERE call_id = 999999',
    found: /^people took part in what is no call: call 999999 is not there$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a queue it was not in',
    together: 'calls',
    harm: `INSERT INTO queue_visit (call_id, source_id, queue, place, started_at, outcome, wait_seconds)
      SELECT id, source_id, '6499', 7, started_at, 'abandoned', 5 FROM call WHERE id = 6`,
    mend: "DELETE FROM queue_visit WHERE call_id = 6 AND queue = '6499'",
    found: /^call 6 is unlike its reports: queues differ$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a queue of a call that does not exist',
    together: 'rows of their own',
    harm: `INSERT INTO queue_visit (call_id, source_id, queue, place, started_at, outcome, wait_seconds)
      VALUES (999999, 1, '6400', 0, 0, 'abandoned', NULL)`,
    mend: 'DELETE FROM queue_visit WHERE call_id = 999999',
    found: /^stays in a queue are of what is no call: call 999999 is not there$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a report that is gone',
    together: 'losses',
    harm: 'UPDATE report SET source_call_id = -source_call_id WHERE source_call_id = 1',
    mend: 'UPDATE report SET source_call_id = -source_call_id WHERE source_call_id = -1',
    found: /^call 1 has no report of a source$/m,
    remedy: /^\d+ things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a source call that another call has',
    harm: 'UPDATE source_call SET call_id = 2 WHERE id = 1',
    mend: 'UPDATE source_call SET call_id = 1 WHERE id = 1',
    found: /^call 1 names source calls that are not part of it: 1$/m,
    remedy: /^\d+ things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a source call of no call',
    together: 'losses',
    harm: `INSERT INTO source_call (id, source_id, name, kind, call_id) VALUES (999999, 1, 'stray', 'call', 1)`,
    mend: 'DELETE FROM source_call WHERE id = 999999',
    found: /^source call 999999 is part of a call that is not there or does not name it$/m,
    remedy: /^\d+ things do not add up: restore a backup\.$/m,
  },
  {
    what: 'an ended call that nothing waits for',
    harm: 'UPDATE call SET settles_at = NULL, ended_seen_at = NULL WHERE id = 1',
    mend: [['refold', '--source', SOURCE_KEY, '--from', '2026-03-01', '--to', '2026-03-05']],
    found: /^call 1 has ended, and nothing waits for it to settle$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that waits for ever',
    together: 'what waits',
    harm: 'UPDATE call SET settles_at = settles_at + 1000000000000 WHERE id = 1',
    mend: 'UPDATE call SET settles_at = settles_at - 1000000000000 WHERE id = 1',
    found: /^call 1 is due to settle \d+ ms later than it may$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that settles twice',
    together: 'what was given out',
    harm: 'UPDATE call SET split_at = settles_at WHERE id = 1',
    mend: 'UPDATE call SET split_at = NULL WHERE id = 1',
    found: /^call 1 is due to settle, and counts as settled since it was split off$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a settling line that no entry moved',
    together: 'rows of their own',
    harm: 'UPDATE settling_line SET at = at + 1',
    mend: 'UPDATE settling_line SET at = at - 1',
    found: /^the settling line is at \d+, and the journal moved it to \d+$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a move of the line from elsewhere',
    together: 'what waits',
    harm: `UPDATE journal SET data = replace(data, '"from":0', '"from":1') WHERE kind = 'calls.settled'
      AND data LIKE '%"from":0,%'`,
    mend: `UPDATE journal SET data = replace(data, '"from":1', '"from":0') WHERE kind = 'calls.settled'
      AND data LIKE '%"from":1,%'`,
    found: /^entry \d+ moves the settling line from 1, and it was at 0$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that has another past',
    together: 'rows of their own',
    harm: 'INSERT INTO former_call (id, settled_at, historical) VALUES (1, 5, FALSE)',
    mend: 'DELETE FROM former_call WHERE id = 1',
    found: /^call 1 settled at 5 before it became part of another one, and its row says \d+$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a gap in the journal',
    together: 'losses',
    harm: 'UPDATE journal SET position = 999999 WHERE position = 2',
    mend: 'UPDATE journal SET position = 2 WHERE position = 999999',
    found: /^the journal has \d+ entries, and the newest is number 999999$/m,
    remedy: /restore a backup\.$/m,
  },
  {
    what: 'a report that was stored',
    together: 'losses that hide',
    harm: 'UPDATE report SET id = -id WHERE id = 2',
    mend: 'UPDATE report SET id = -id WHERE id = -2',
    found: /^report 2 is missing: it was stored, and is not there$/m,
    remedy: /^\d+ things do not add up: restore a backup; then verify again, before anything else: /m,
  },
  {
    what: 'a report of no source call',
    together: 'losses that hide',
    harm: 'UPDATE report SET source_call_id = source_call_id + 800000 WHERE id = (SELECT max(id) FROM report)',
    mend: 'UPDATE report SET source_call_id = source_call_id - 800000 WHERE id = (SELECT max(id) FROM report)',
    found: /^report \d+ is of source call 8\d{5}, which is not there$/m,
    remedy: /: restore a backup(\.|; then verify again)/,
  },
  {
    what: 'a source call that was stored',
    harm: 'UPDATE source_call SET id = -id WHERE id = 2',
    mend: 'UPDATE source_call SET id = -id WHERE id = -2',
    found: /^report \d+ is of source call 2, which is not there$/m,
    remedy: /: restore a backup\.$/m,
  },
  {
    what: 'a recording of no call',
    together: 'losses that hide',
    harm: 'UPDATE recording SET source_call_id = source_call_id + 800000 WHERE id = 1',
    mend: 'UPDATE recording SET source_call_id = source_call_id - 800000 WHERE id = 1',
    found: /^recording 1 is of source call 8\d{5}, which is not there$/m,
    remedy: /: restore a backup; then verify again, before anything else/m,
  },
  {
    what: 'a recording that nobody handed over',
    together: 'losses that hide',
    harm: `INSERT INTO recording SELECT 999999, source_call_id, name, content_type, bytes, digest, file, requested_at, at
      FROM recording WHERE id = 1`,
    mend: 'DELETE FROM recording WHERE id = 999999',
    found: /^recording 999999 is of no number that was given out: the newest is 1$/m,
    remedy: /: restore a backup; then verify again, before anything else/m,
  },
  {
    what: 'a link that makes two calls one',
    together: 'rows of their own',
    harm: `UPDATE link SET verdict = 'suspected' WHERE verdict = 'joined'`,
    mend: `UPDATE link SET verdict = 'joined' WHERE verdict = 'suspected'`,
    found: /^call \d+ has source calls that no link makes part of it: \d+$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: "a line of the portal's list",
    together: 'losses that hide',
    harm: 'UPDATE portal_call SET id = 3000000 WHERE id = 1',
    mend: 'UPDATE portal_call SET id = 1 WHERE id = 3000000',
    found: /^call 1 has no line in the portal's list$/m,
    remedy: /: restore a backup; then verify again, before anything else/m,
  },
  {
    what: "a call that is gone from the portal's list",
    together: 'sums',
    harm: 'DELETE FROM portal_call WHERE id = 1',
    mend: [['rebuild']],
    found: /^call 1 has no line in the portal's list$/m,
    remedy: /^1 things do not add up: run "aftercall rebuild"\.$/m,
  },
  {
    what: 'another cost, start and number of a line',
    together: 'sums',
    harm: `UPDATE portal_call SET cost_micros = 70, started_at = started_at + 1000, phone_number = '9' || phone_number
      WHERE id = 2`,
    mend: [['rebuild']],
    found:
      /^call 2 is unlike its line in the portal's list: phoneNumber differs; startedAt is \d+, it says \d+; costMicros is 70, it says 0$/m,
    remedy: /^1 things do not add up: run "aftercall rebuild"\.$/m,
  },
  {
    what: 'the line of a call that an application registered',
    together: 'losses',
    harm: 'UPDATE portal_call SET id = id + 3000000 WHERE webhook_id IS NOT NULL',
    mend: 'UPDATE portal_call SET id = id - 3000000 WHERE webhook_id IS NOT NULL',
    found: /^call \d+ has no line in the portal's list, and an application registered it$/m,
    remedy: /: restore a backup\.$/m,
  },
  {
    what: 'entries at the end of the journal',
    together: 'rows of their own',
    harm: 'UPDATE head SET position = position + 2',
    mend: 'UPDATE head SET position = position - 2',
    found: /^journal entries \d+ to \d+ are missing: they were told, and are not there$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'numbers that would be given out again',
    together: 'what was given out',
    harm: `UPDATE head SET sequences = replace(sequences, '"report"', '"reports"')`,
    mend: `UPDATE head SET sequences = replace(sequences, '"reports"', '"report"')`,
    found: /^reports 1, 2, .* and \d+ more are of no number that was given out: the newest is 0$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a report that cannot be read',
    harm: `UPDATE report SET fact = 'x' || fact WHERE id = 1`,
    mend: 'UPDATE report SET fact = substr(fact, 2) WHERE id = 1',
    found: /^table report, row 1: fact cannot be read: it is no JSON$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a report of a form that there never was',
    harm: "UPDATE report SET fact = '[2,7' || substr(fact, 5) WHERE id = 1",
    mend: "UPDATE report SET fact = '[2,0' || substr(fact, 5) WHERE id = 1",
    found:
      /^table report, row 1: fact cannot be read: A stored report\.fact is of form 7, which no Aftercall ever wrote\.$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a report that tells nothing',
    harm: `UPDATE report SET fact = '[2,{"form":"log"},' || substr(fact, 4) WHERE id = 1`,
    mend: `UPDATE report SET fact = replace(fact, '{"form":"log"},', '') WHERE id = 1`,
    found: /^(report 1 of call 1 tells nothing that is known|call 1 has no report of a source)$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that cannot be read',
    harm: `UPDATE call SET legs = 'x' || legs WHERE id = 1`,
    mend: 'UPDATE call SET legs = substr(legs, 2) WHERE id = 1',
    found: /^table call, row 1: legs cannot be read: it is no JSON$/m,
    remedy: /: restore a backup; then verify again, before anything else: /,
  },
  {
    what: 'a setting that cannot be read',
    together: 'rows of their own',
    harm: `UPDATE setting SET value = 'x' || value WHERE key = 'outboundAllow'`,
    mend: `UPDATE setting SET value = substr(value, 2) WHERE key = 'outboundAllow'`,
    found: /^table setting, row outboundAllow: value cannot be read: it is no JSON$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a message to a desktop that cannot be read',
    together: 'rows of their own',
    harm: [
      `UPDATE head SET sequences = replace(sequences, '"report"', '"agentOutbox":1,"report"')`,
      `INSERT INTO agent_outbox (id, user_id, at, messages) VALUES (1, 1, 0, '{broken')`,
    ],
    mend: 'DELETE FROM agent_outbox WHERE id = 1',
    found: /^table agentOutbox, row 1: messages cannot be read: it is no JSON$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a rebuild that was cut short',
    together: 'what was interrupted',
    harm: `INSERT INTO setting (key, value) VALUES ('rebuilding', '7')`,
    mend: [['rebuild']],
    found:
      /^the statistics are being made anew, or that was interrupted: run "aftercall rebuild", or start the server/m,
    remedy: /^1 things do not add up: finish what was interrupted, as said above\.$/m,
  },
  {
    what: 'a refold that was cut short',
    together: 'what was interrupted',
    harm: `UPDATE refold_run SET state = 'applying' WHERE id = 1`,
    mend: [['refold', '--source', SOURCE_KEY, '--from', '2026-03-01', '--to', '2026-03-05']],
    found: new RegExp(
      `^run 1 of refold is under way, or was interrupted: run "aftercall refold --source ${SOURCE_KEY} --from 2026-0\\S+ --to 2026-0\\S+", or take it back: "aftercall refold --take-back 1"$`,
      'm',
    ),
    remedy: /^1 things do not add up: finish what was interrupted, as said above\.$/m,
  },
  {
    what: 'calls that were folded by other rules',
    harm: [
      'UPDATE call SET duration_seconds = duration_seconds + 5 WHERE id = 1',
      `UPDATE setting SET value = '{"all":0,"sources":{}}' WHERE key = 'foldRules'`,
    ],
    mend: [['refold', '--source', SOURCE_KEY, '--from', '2026-01-01', '--to', '2100-01-01']],
    found: /^call 1 is unlike its reports: durationSeconds is \d+, they say \d+$/m,
    remedy: new RegExp(
      `: calls were folded by rules 0, and this Aftercall folds by rules ${FOLD_RULES}: run "aftercall refold --source ${SOURCE_KEY} --from \\S+ --to \\S+", with --dry-run first`,
    ),
  },
  {
    what: 'calls that are otherwise by the same rules',
    harm: 'UPDATE call SET duration_seconds = duration_seconds + 5 WHERE id = 1',
    mend: 'UPDATE call SET duration_seconds = duration_seconds - 5 WHERE id = 1',
    found: /^call 1 is unlike its reports: durationSeconds is \d+, they say \d+$/m,
    remedy: /^1 things do not add up: where the numbers, .* run "aftercall refold"/m,
  },
];
