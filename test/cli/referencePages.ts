/** Pages of the documentation that are made of declarations: docs/events.md and docs/errors.md. */

import { events } from '../../src/app/events.ts';
import { exampleOf } from '../../src/dialects/native/eventSchemas.ts';
import { PROBLEM_CODES, PROBLEMS, typeOf } from '../../src/dialects/native/problem.ts';
import type { ConcernsCall, EventField, EventShape } from '../../src/ledger/event.ts';
import { inCode, table } from './codeTables.ts';

const HOW = 'Made by `npm run docs` of what the server declares; a test compares them.';

const CALL_ID: Readonly<Record<ConcernsCall, string>> = {
  always: 'The call it concerns.',
  sometimes: 'The call it concerns, or null.',
  never: 'Null: it concerns no call.',
};
const TYPES: Readonly<Record<EventField['type'], string>> = {
  id: 'id',
  ids: 'list of ids',
  whole: 'whole number',
  flag: 'true or false',
  word: 'word',
  words: 'list of words',
};

/** A long list of words would not fit into a table. */
const WORDS_SHOWN = 6;

function typeText({ type, nullable, optional }: EventField): string {
  return `${TYPES[type]}${nullable ? ', or null' : ''}${optional ? ', may be missing' : ''}`;
}

function meaningText({ description, words }: EventField): string {
  if (words.length === 0 || words.length > WORDS_SHOWN) return description;
  return `${description} ${words.map(inCode).join(', ')}.`;
}

function eventText(event: EventShape): string {
  const fields = Object.entries(event.data).map(
    ([name, field]) => [inCode(name), typeText(field), meaningText(field)] as const,
  );
  const long = Object.entries(event.data).filter(([, { words }]) => words.length > WORDS_SHOWN);
  return [
    `## ${event.kind}\n`,
    `${event.description}\n`,
    table(['Field', 'Type', 'Meaning'], [['`callId`', 'id', CALL_ID[event.call]], ...fields]),
    ...long.map(([name, { words }]) => `Words of ${inCode(name)}: ${words.map(inCode).join(', ')}.\n`),
    `\`\`\`json\n${JSON.stringify(exampleOf(event))}\n\`\`\`\n`,
  ].join('\n');
}

export function eventsPage(): string {
  const rows = events.map(
    ({ kind, description }) => [`[${inCode(kind)}](#${kind.replaceAll('.', '')})`, description] as const,
  );
  return [
    '# Events\n',
    `What \`GET /v1/events\` and the \`journal\` of \`GET /v1/calls/{id}\` say. ${HOW}\n`,
    [
      'An event names things by id and carries nothing of theirs: no number, no name, no text. Every event has `position`, its place',
      'in the journal, `at`, when it was stored, `kind`, and `callId`; what it has besides stands under its kind. More kinds and',
      'fields may come: ignore those you do not know.\n',
      'The id of an event in the stream is its position; a client that goes on after it sends it as `Last-Event-ID`. `call.settled` of',
      'all calls that were due is one entry of the journal, from which their events are read: they share its position, `at` is when',
      'each was due, and their ids are the position, a full stop, and the id of the call (`123.456`). They come in the order of `at`,',
      'and are the same whenever they are read, whatever has become of the calls. A client goes on after either form of id.\n',
      'What a program loads from elsewhere after the fact (`historical` in `POST /v1/calls`) is no news: its events are marked, and',
      'left out of the stream unless it is asked for: `GET /v1/events?historical=true`.\n',
    ].join('\n'),
    table(['Kind', 'Meaning'], rows),
    ...events.map(eventText),
  ].join('\n');
}

export function errorsPage(): string {
  const rows = PROBLEM_CODES.map(code => {
    const { status, title, meaning, remedy } = PROBLEMS[code];
    return [inCode(typeOf(code)), `${status} ${title}`, meaning, remedy] as const;
  });
  return [
    '# Errors of /v1\n',
    `What \`type\` says in the problem details (RFC 9457) that \`/v1\` answers with. ${HOW}\n`,
    [
      '`title` is the registered phrase of the status, `detail` is about this request and for people; `errors` lists the fields that',
      'are wrong, each with its path, such as `fields.links[2]`. Programs decide by `type`. The errors of the other dialects are',
      'in [bitrix24.md](bitrix24.md), [genesys.md](genesys.md) and [yeastar.md](yeastar.md).\n',
    ].join('\n'),
    table(['Type', 'Status', 'Meaning', 'What to do'], rows),
  ].join('\n');
}
