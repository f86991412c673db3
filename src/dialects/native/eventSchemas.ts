/** The events of `/v1/events` and of a call's journal as schemas, made of what is declared. */
import Type from 'typebox';
import type { EventField, EventShape } from '../../ledger/event.ts';

const WHOLE = { id: 1, whole: 0 } as const;

function schemaOfField({ type, description, words, nullable, optional }: EventField): Type.TSchema {
  const about = { description };
  const schema = (): Type.TSchema => {
    if (type === 'id' || type === 'whole') return Type.Integer({ minimum: WHOLE[type], ...about });
    if (type === 'ids') return Type.Array(Type.Integer({ minimum: WHOLE.id }), about);
    if (type === 'flag') return Type.Boolean(about);
    if (type === 'word') return Type.Enum([...words], about);
    return Type.Array(Type.Enum([...words]), about);
  };
  const value = nullable ? Type.Union([schema(), Type.Null()], about) : schema();
  return optional ? Type.Optional(value) : value;
}

const CALL_ID = { description: 'The call it concerns.' };

function callIdOf({ call }: EventShape): Type.TSchema {
  if (call === 'never') return Type.Null({ description: 'It concerns no call.' });
  const id = Type.Integer({ minimum: 1, ...CALL_ID });
  return call === 'always' ? id : Type.Union([id, Type.Null()], CALL_ID);
}

/** As `/v1` answers with it, placed in time. */
export const exampleOf = ({ kind, example }: EventShape) => ({
  position: 101,
  at: '2026-03-02T10:00:41.300Z',
  kind,
  callId: null,
  ...example,
});

/** `call.possible_match_found` is described as `CallPossibleMatchFoundEvent`. */
const nameOf = (kind: string): string =>
  `${kind.replace(/(?:^|[._])([a-z])/g, (_match, letter: string) => letter.toUpperCase())}Event`;

function positionOf({ partOf }: EventShape): Type.TSchema {
  const position = Type.Integer({ minimum: 1, description: 'Its place in the journal.' });
  if (partOf === undefined) return position;
  const description = 'The place in the journal that it shares with others; null in the journal of a call.';
  return Type.Union([position, Type.Null()], { description });
}

function schemaOf(event: EventShape): Type.TSchema {
  const data = Object.entries(event.data).map(([name, field]) => [name, schemaOfField(field)] as const);
  return Type.Object(
    {
      position: positionOf(event),
      at: Type.String({ format: 'date-time', description: 'When it was stored.' }),
      kind: Type.Literal(event.kind),
      callId: callIdOf(event),
      ...Object.fromEntries(data),
    },
    { $id: nameOf(event.kind), description: event.description, examples: [exampleOf(event)] },
  );
}

/** One schema for all events, told apart by `kind`. */
export function eventSchema(events: readonly EventShape[]): Type.TSchema {
  const mapping = events.map(({ kind }) => [kind, `#/components/schemas/${nameOf(kind)}`]);
  return Type.Unsafe({
    $id: 'Event',
    description: 'What happened. It names things by id and carries nothing of theirs.',
    oneOf: events.map(schemaOf),
    discriminator: { propertyName: 'kind', mapping: Object.fromEntries(mapping) },
    examples: events.slice(0, 1).map(exampleOf),
  });
}
