import { boundaryOf } from './multipart.ts';
import type { BracketTree } from './paramsBrackets.ts';
import { ParamsProblem, tooManyValues, VALUES_MAX } from './paramsLimits.ts';
import { UploadedFile } from './paramsValue.ts';

/** Adds the parts of a multipart body, read by the platform. Throws `ParamsProblem`. */
export async function addParts(tree: BracketTree, contentType: string, body: Uint8Array): Promise<void> {
  refuseTooMany(contentType, body);
  let form: FormData;
  try {
    form = await new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new ParamsProblem('The body is not the multipart form that its content type says.');
  }
  for (const [name, value] of form) {
    if (typeof value === 'string') tree.add(name, value);
    else tree.add(name, new UploadedFile(value.name, value.type, await value.bytes()));
  }
}

/** Counted before the platform makes an object of each. */
function refuseTooMany(contentType: string, body: Uint8Array): void {
  const boundary = boundaryOf(contentType);
  if (boundary === null) throw new ParamsProblem('The content type of the multipart body names no boundary.');
  const line = Buffer.from(`--${boundary}`);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let parts = 0;
  for (let at = bytes.indexOf(line); at !== -1; at = bytes.indexOf(line, at + line.length)) {
    parts += 1;
    // The last boundary ends the body and begins no part.
    if (parts > VALUES_MAX + 1) throw tooManyValues();
  }
}
