import type { StoredAudio } from '../../../recordings/audioStore.ts';
import { DownloadFailed, download, type Fetching } from '../../../recordings/download.ts';
import { UnfitAudio } from '../../../recordings/draft.ts';
import { recordingName } from '../../../recordings/recordingName.ts';
import { decodeBase64 } from '../base64.ts';
import { FILE_BODY_LIMIT_BYTES } from '../body.ts';
import type { Bitrix24Door, Method, MethodCall } from '../context.ts';
import { MethodError, methodError } from '../errors.ts';
import type { Params } from '../params.ts';
import { decodePercents } from '../paramsBrackets.ts';
import { isGiven, type ParamValue, UploadedFile, WireText } from '../paramsValue.ts';
import { attachToLine, demandLineNamed, keepRecord, notAudio, notEmpty } from '../record.ts';
import { FILE_PART, SLOT_MS, slotToken } from '../uploadSlot.ts';

/**
 * Clients of this vendor give a request sixty seconds (docs/bitrix24.md, section 6): the answer comes before they leave.
 */
const DOWNLOAD_MS = 55_000;

interface AttachInput {
  readonly callId: string;
  readonly fileName: string | null;
  readonly url: string | null;
  /** Null: not given. An empty one that JSON states is given. */
  readonly content: Exclude<ParamValue, null> | null;
}

/**
 * `telephony.externalCall.attachRecord` (docs/bitrix24.md, section 11.4). Checked in this order: parameters, call, name,
 * content.
 */
export const attachRecord: Method = {
  scope: 'telephony',
  file: { parameter: 'file_content', bodyLimitBytes: FILE_BODY_LIMIT_BYTES },
  async answer(call) {
    const { door } = call;
    const input = readRecord(call.params);
    const requestedAt = door.clock();
    const line = await demandLineNamed(door, input.callId);
    const name = demandName(input);
    // An address is fetched where the content is empty, which some clients send with everything they leave out.
    if (input.content !== null && input.fileName !== null && !(isEmptyText(input.content) && input.url !== null)) {
      const audio = await keepRecord(door, contentOf(input.content));
      return { result: { FILE_ID: await attachToLine(door, line.id, { name: nameOf(name, audio), audio }) } };
    }
    if (input.url !== null) {
      const audio = await fetchRecord(door, input.url);
      return {
        result: { FILE_ID: await attachToLine(door, line.id, { name: nameOf(name, audio), audio, requestedAt }) },
      };
    }
    return { result: { uploadUrl: uploadUrl(call, line.id, name), fieldName: FILE_PART } };
  },
};

function readRecord(params: Params): AttachInput {
  const fileName = params.text('FILENAME');
  const url = params.text('RECORD_URL')?.trim() || null;
  if (fileName === null && url === null) throw methodError('recordNotGiven');
  const content = params.raw('FILE_CONTENT');
  return { callId: params.text('CALL_ID') ?? '', fileName, url, content: isGiven(content) ? content : null };
}

/** FILENAME, else the last part of the URL's path. */
function demandName({ fileName, url }: AttachInput): string {
  const path = fileName ?? decodePercents(URL.parse(url!)?.pathname ?? url!);
  const name = path.split(/[/\\]/).at(-1)!.trim();
  if (name === '') throw methodError('fileNameEmpty');
  if (!/\.(?:wav|mp3)$/i.test(name)) throw methodError('fileExtension');
  return name;
}

const nameOf = (name: string, { format }: StoredAudio): string => recordingName(name, null, format);

const isEmptyText = (content: ParamValue): boolean => content instanceof WireText && content.bytes.byteLength === 0;

function contentOf(content: Exclude<ParamValue, null>): AsyncIterable<Uint8Array> {
  if (content instanceof WireText || typeof content === 'string') return decodeBase64(content);
  // A file part of a multipart form is the file itself.
  if (content instanceof UploadedFile) return pieceOf(content.bytes);
  throw methodError('fileEncoding');
}

async function* pieceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * At once, one attempt; that there is nothing to be had is an error, unlike in finish (docs/bitrix24.md, section 21, row
 * 5).
 */
async function fetchRecord({ records: { outbound, store } }: Bitrix24Door, url: string): Promise<StoredAudio> {
  const fetching: Fetching = {
    async fetchBytes(from, options) {
      const answer = await outbound.fetchBytes(from, options);
      return { status: answer.status, body: notEmpty(answer.body), discard: () => answer.discard() };
    },
  };
  try {
    return await download(fetching, store, url, { timeoutMs: DOWNLOAD_MS });
  } catch (error) {
    throw error instanceof DownloadFailed ? refusalOf(error) : error;
  }
}

/** N is 0 where no answer came, or not all of it. */
function refusalOf({ status, cause }: DownloadFailed): MethodError {
  if (cause instanceof MethodError) return cause;
  if (cause instanceof UnfitAudio) return notAudio();
  return methodError('recordServer', { N: status >= 200 && status <= 299 ? 0 : status });
}

function uploadUrl({ door, webhookId, baseUrl }: MethodCall, line: number, fileName: string): string {
  const until = door.clock() + SLOT_MS;
  const token = slotToken(door.records.uploadKey, { line, webhook: webhookId, fileName, until });
  return `${baseUrl}/upload.json?token=${encodeURIComponent(token)}`;
}
