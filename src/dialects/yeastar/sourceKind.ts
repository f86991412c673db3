import type { SourceKind } from '../../sources/sourceKind.ts';
import { isDateTimeFormat } from '../../values/dateTimeFormat.ts';

/** What people say of a PBX; read again in settings.ts. */
export const yeastarSources: SourceKind = {
  kind: 'yeastar',
  // docs/yeastar.md, section 1.7.
  defaultNumbers: {
    internal: ['[1-5]xxx'],
    parking: ['60xx'],
    ivr: ['62xx'],
    ringGroup: ['63xx'],
    queue: ['64xx'],
    conference: ['65xx'],
    paging: ['66xx'],
    featureCode: ['*!'],
  },
  fields: [
    {
      name: 'serial',
      form: 'text',
      max: 100,
      // Two sources of one PBX would tell each of its calls twice.
      unique: true,
      description: 'The serial its events should carry; no two active sources have the same, in whatever case.',
    },
    { name: 'secret', form: 'secret', max: 1_000, description: 'What its events are signed with.' },
    { name: 'unsigned', form: 'flag', description: 'Take events that nobody signed.' },
    {
      name: 'autoZone',
      form: 'flag',
      description: 'Believe the time zone that an event implies where it contradicts timeZone.',
    },
    {
      name: 'displayFormat',
      form: 'text',
      max: 40,
      check: isDateTimeFormat,
      meaning: 'a date and time format, as in "DD/MM/YYYY hh:mm:ss A"',
      description: 'The PBX’s display format for date and time, where its events use it.',
    },
  ],
  mistake: ({ secret, unsigned }) =>
    secret === null && unsigned !== true
      ? 'has no secret: give it one, or say "unsigned": true to take reports that nobody signed'
      : null,
};
