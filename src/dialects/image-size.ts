/** Width and height of a picture, in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/**
 * What the head of a PNG, GIF, WebP or JPEG says, of which only that is decoded. `undefined` for what is none of them, or is
 * not plain base64.
 *
 * PNG specification, 11.2.1 (`IHDR`); GIF89a, 18 (logical screen); WebP container specification (`VP8 `, `VP8L`, `VP8X`);
 * ITU T.81, B.2.2 (frame header).
 *
 * @param data text that holds the picture in base64, from `from` on
 */
export function pixelSize(data: string, from = 0): PixelSize | undefined {
  const bytes = new Base64Bytes(data, from);
  const head = bytes.slice(0, 30);
  const size = pngSize(head) ?? gifSize(head) ?? webpSize(head) ?? jpegSize(head, bytes);
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
}

/** Base64 of which only what is looked at is decoded. */
class Base64Bytes {
  readonly #text: string;
  readonly #from: number;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#from = from;
  }

  slice(start: number, end: number): Buffer {
    const group = Math.floor(start / 3);
    const encoded = this.#text.slice(this.#from + group * 4, this.#from + Math.ceil(end / 3) * 4);
    return Buffer.from(encoded, 'base64').subarray(start - group * 3, end - group * 3);
  }
}

function tag(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}

function pngSize(head: Buffer): PixelSize | undefined {
  if (head.length < 24 || tag(head, 0, 8) !== '\x89PNG\r\n\x1a\n' || tag(head, 12, 16) !== 'IHDR')
    return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function gifSize(head: Buffer): PixelSize | undefined {
  if (head.length < 10 || !/^GIF8[79]a$/.test(tag(head, 0, 6))) return undefined;
  return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
}

function webpSize(head: Buffer): PixelSize | undefined {
  if (head.length < 30 || tag(head, 0, 4) !== 'RIFF' || tag(head, 8, 12) !== 'WEBP') return undefined;
  switch (tag(head, 12, 16)) {
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** More segments than any camera writes before the frame. */
const mostSegments = 200;

function jpegSize(head: Buffer, bytes: Base64Bytes): PixelSize | undefined {
  if (head.length < 4 || head.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  for (let segment = 0; segment < mostSegments; segment++) {
    const header = bytes.slice(at, at + 9);
    if (header.length < 9 || header[0] !== 0xff) return undefined;
    const marker = header.readUInt8(1);
    // Bytes that fill up before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: header.readUInt16BE(7), height: header.readUInt16BE(5) };
    // The picture itself begins: there was no frame.
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + header.readUInt16BE(2);
  }
  return undefined;
}
