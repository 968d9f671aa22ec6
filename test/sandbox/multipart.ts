/**
 * `multipart/form-data`, read and written by hand: the product reads it with a library, and a fake that used the same one
 * would share its mistakes. Formats: RFC 7578 and RFC 2046 §5.1.
 */

export interface Part {
  /** Lower-case header names. */
  headers: Record<string, string>;
  name: string;
  filename?: string;
  body: Buffer;
}

/** Parts of a body; throws with a reason where it is torn or no multipart at all. */
export function readMultipart(contentType: string, body: Buffer): Part[] {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (!/^multipart\/form-data\b/i.test(contentType) || boundary === null) {
    throw new Error(`not multipart/form-data: ${contentType}`);
  }
  const delimiter = Buffer.from(`\r\n--${boundary[1] ?? boundary[2] ?? ''}`);
  // The first delimiter may stand at the very start, without its line break.
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Part[] = [];
  let at = whole.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (whole.subarray(start, start + 2).toString() === '--') {
      return parts;
    }
    const end = whole.indexOf(delimiter, start);
    if (end === -1) {
      break;
    }
    parts.push(readPart(whole.subarray(start + 2, end)));
    at = end;
  }
  throw new Error('multipart: unexpected end of form');
}

function readPart(bytes: Buffer): Part {
  const split = bytes.indexOf('\r\n\r\n');
  if (split === -1) {
    throw new Error('multipart: a part without an end of its headers');
  }
  const headers: Record<string, string> = {};
  for (const line of bytes.subarray(0, split).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const disposition = headers['content-disposition'] ?? '';
  const name = dispositionParameter(disposition, 'name');
  if (name === undefined) {
    throw new Error('multipart: a part without a name');
  }
  const filename = dispositionParameter(disposition, 'filename');
  return { headers, name, ...(filename === undefined ? {} : { filename }), body: bytes.subarray(split + 4) };
}

/** Browsers and `fetch` write quotes and line breaks in names as percent codes. */
function dispositionParameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(disposition);
  const value = match?.[1] ?? match?.[2];
  return value?.replace(/%22/g, '"').replace(/%0D/gi, '\r').replace(/%0A/gi, '\n').replace(/\\(.)/g, '$1');
}

export interface OutgoingPart {
  name: string;
  filename?: string;
  headers?: Record<string, string>;
  body: Uint8Array;
}

export function writeMultipart(boundary: string, parts: readonly OutgoingPart[]): Buffer {
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    const filename = part.filename === undefined ? '' : `; filename="${escapeParameter(part.filename)}"`;
    const headers = [
      `Content-Disposition: form-data; name="${escapeParameter(part.name)}"${filename}`,
      ...Object.entries(part.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ];
    chunks.push(Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`), part.body, Buffer.from('\r\n'));
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return Buffer.concat(chunks);
}

function escapeParameter(value: string): string {
  return value.replace(/"/g, '%22').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
