import { openRegistrations } from '../../../calls/matching/openRegistrations.ts';
import { accept, wantReport } from '../../../calls/reports/accept.ts';
import type { State, Wants } from '../../../ledger/state.ts';
import { webhook } from '../../../people/entities.ts';
import {
  findOpen,
  type OpenCall,
  openCall,
  openRegistration,
  type Registering,
  showCard,
} from '../../../portal/registrations.ts';
import { CLIENT_TYPES, type ClientRef } from '../../../values/clientRef.ts';
import { isWithheld } from '../../../values/givenNumber.ts';
import { numberKey, sureNumberKey } from '../../../values/numberKey.ts';
import { callToken, SECRET_BYTES } from '../callToken.ts';
import { type CallType, directionOfCallType, isCallType } from '../callType.ts';
import { clientBook } from '../clientBook.ts';
import type { Method, MethodCall } from '../context.ts';
import { readCallStart } from '../dates.ts';
import { methodError } from '../errors.ts';
import { parties, registered } from '../fact.ts';
import { type PortalPhone, readPortalPhone } from '../portalPhone.ts';
import { boundedText } from '../texts.ts';
import { namedUser } from '../users.ts';

const LINE_MAX_CHARS = 100;
const EXTERNAL_ID_MAX_CHARS = 255;
const ROW_BYTES = 3_000;

interface RegisterInput extends Omit<Registering, 'startedAt' | 'startStated'> {
  readonly extension: string | null;
  readonly clientKey: string | null;
  readonly statedStart: number | null;
  readonly show: boolean;
  readonly mayMakeLead: boolean;
  readonly origin: string | null;
  readonly client: ClientRef | null;
}

/** `telephony.externalCall.register` (docs/bitrix24.md, section 11.1). */
export const register: Method = {
  scope: 'telephony',
  async answer(call) {
    const { door, raw } = call;
    const input = readRegister(call);
    const token = callToken(door.clock(), door.random(SECRET_BYTES));
    const { row, verdict } = await door.ledger.submit({
      name: 'register call',
      bytes: raw.byteLength + ROW_BYTES,
      wants: wants => wantRegister(wants, input, token, call),
      apply: state => registerCall(state, input, token, call),
    });
    door.count(verdict);
    return { result: answerOf(row) };
  },
};

function readRegister(call: MethodCall): RegisterInput {
  const { params, door, portal, webhookId } = call;
  const named = namedUser(params, door.ledger.directory, door.clock());
  const type = params.integer('TYPE');
  if (!isCallType(type)) throw methodError('unknownType');
  const { shown: phoneNumber, number } = readPhone(call, type as CallType);
  return {
    webhookId,
    userId: named.user.id,
    extension: named.extension,
    type: type as CallType,
    statedStart: readStart(params.text('CALL_START_DATE'), door.timeZone()),
    phoneNumber,
    ...(number === phoneNumber ? {} : { givenNumber: number }),
    numberKey: numberKey(number, portal),
    clientKey: sureNumberKey(number, portal),
    lineNumber: boundedText(params, 'LINE_NUMBER', LINE_MAX_CHARS),
    externalCallId: boundedText(params, 'EXTERNAL_CALL_ID', EXTERNAL_ID_MAX_CHARS),
    show: params.flag('SHOW', true),
    mayMakeLead: params.flag('CRM_CREATE', false),
    origin: boundedText(params, 'CRM_SOURCE', LINE_MAX_CHARS),
    client: readClient(params.text('CRM_ENTITY_TYPE'), params.integer('CRM_ENTITY_ID')),
  };
}

/** Empty for a caller whose number is withheld. The parameter is there even then, and a call that goes out has a number. */
function readPhone({ params, door, webhookId }: MethodCall, type: CallType): PortalPhone {
  const raw = params.raw('PHONE_NUMBER');
  const given = raw === '' || raw === null ? '' : params.text('PHONE_NUMBER');
  const number = given === null ? null : readPortalPhone(given);
  if (number !== null) return number;
  const takesWithheld =
    directionOfCallType(type) === 'inbound' && door.ledger.directory.get(webhook, webhookId)?.withheld !== 'refuse';
  if (given === null || !takesWithheld || !isWithheld(given)) throw methodError('phoneFormat');
  return { shown: '', number: '' };
}

function readStart(given: string | null, zone: string): number | null {
  if (given === null) return null;
  const read = readCallStart(given, zone);
  if (read === null) throw methodError('startDate');
  return read.at;
}

/** A type that is none is passed over, and the number is looked for (docs/bitrix24.md, section 23, row 12). */
function readClient(type: string | null, id: number | null | undefined): ClientRef | null {
  const known = CLIENT_TYPES.find(each => each === type?.trim().toUpperCase());
  return known === undefined || id == null ? null : { type: known, id };
}

interface Registered {
  readonly row: OpenCall;
  readonly verdict: 'accepted' | 'repeated';
}

/** About when the registration began that this one may repeat. */
const instantsOf = ({ statedStart }: RegisterInput, now: number): readonly number[] =>
  statedStart === null ? [now] : [now, statedStart];

function registerCall(state: State, input: RegisterInput, token: string, call: MethodCall): Registered {
  const { portal, raw, contentType, door } = call;
  const { show, mayMakeLead } = input;
  const opening = openingOf(input, token, state.now);
  const known = findOpen(state, opening, openRegistrations(state, input, instantsOf(input, state.now)));
  if (known !== null) {
    return { row: show ? showCard(state, known, [input.userId]) : known, verdict: 'repeated' };
  }
  const { sourceCallId } = accept(
    state,
    { ...reportOf(portal, opening, input), kind: 'bitrix24.register', contentType, raw, warnings: [] },
    door.calls,
  );
  const row = openRegistration(state, { ...opening, id: sourceCallId, makeLead: mayMakeLead }, clientBook);
  return { row: show ? showCard(state, row, [input.userId]) : row, verdict: 'accepted' };
}

function wantRegister(wants: Wants, input: RegisterInput, token: string, { portal, door }: MethodCall): void {
  for (const id of openRegistrations(wants, input, instantsOf(input, wants.now))) openCall(wants, id);
  if (input.client !== null) clientBook.isKnown(wants, input.client);
  if (input.clientKey !== null) clientBook.byNumber(wants, input.clientKey);
  wantReport(wants, reportOf(portal, openingOf(input, token, wants.now), input), door.calls);
}

/** The registration that this will be, unless it repeats one. */
function openingOf(input: RegisterInput, token: string, now: number) {
  const { show: _show, mayMakeLead: _mayMakeLead, extension: _extension, statedStart, ...rest } = input;
  return { ...rest, token, startedAt: statedStart ?? now, startStated: statedStart !== null };
}

/** What it reports of its call. */
function reportOf({ id: sourceId }: MethodCall['portal'], opening: ReturnType<typeof openingOf>, input: RegisterInput) {
  const fact = registered({ ...opening, extension: input.extension });
  const registration = parties(opening, input.userId, null);
  return { sourceId, name: opening.token, key: 'register', fact, registration };
}

function answerOf({ open: { token, made, client } }: OpenCall) {
  return {
    CALL_ID: token,
    CRM_CREATED_LEAD: made.find(each => each.type === 'LEAD')?.id ?? null,
    CRM_CREATED_ENTITIES: made.map(({ type, id }) => ({ ENTITY_TYPE: type, ENTITY_ID: id })),
    CRM_ENTITY_TYPE: client?.type ?? '',
    CRM_ENTITY_ID: client?.id ?? null,
  };
}
