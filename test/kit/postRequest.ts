/** A whole POST over HTTP/1.1, as it goes over the wire. */
export function postRequest(
  path: string,
  body: string,
  { contentType = 'application/json', authorization }: { contentType?: string; authorization?: string } = {},
): string {
  const credentials = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
  return (
    `POST ${path} HTTP/1.1\r\nHost: aftercall.test\r\nContent-Type: ${contentType}\r\n${credentials}` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
