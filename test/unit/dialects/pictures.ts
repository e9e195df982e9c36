/** Heads of pictures as encoders write them: as much as tells their size. */

export function png(width: number, height: number): string {
  const bytes = Buffer.alloc(33);
  bytes.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString('base64');
}

export function gif(width: number, height: number): string {
  const bytes = Buffer.alloc(13);
  bytes.write('GIF89a', 0, 'latin1');
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes.toString('base64');
}

/** With as many bytes of camera data before the frame as asked for. */
export function jpeg(width: number, height: number, cameraBytes = 0): string {
  const segments: Buffer[] = [Buffer.from([0xff, 0xd8])];
  for (let left = cameraBytes; left > 0; left -= 60_000) {
    const content = Buffer.alloc(Math.min(left, 60_000), 0x5a);
    segments.push(Buffer.from([0xff, 0xe1, (content.length + 2) >> 8, (content.length + 2) & 0xff]), content);
  }
  // Two bytes that fill up, and tables, which have a number like a frame's.
  segments.push(Buffer.from([0xff, 0xff, 0xff, 0xc4, 0, 4, 1, 2]));
  const frame = Buffer.from([0xff, 0xc2, 0, 17, 8, 0, 0, 0, 0, 3]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  segments.push(frame, Buffer.alloc(40));
  return Buffer.concat(segments).toString('base64');
}

export function webp(width: number, height: number, format: 'VP8 ' | 'VP8L' | 'VP8X'): string {
  const bytes = Buffer.alloc(40);
  bytes.write('RIFF', 0, 'latin1');
  bytes.write(`WEBP${format}`, 8, 'latin1');
  if (format === 'VP8 ') {
    bytes.writeUInt16LE(width, 26);
    bytes.writeUInt16LE(height, 28);
  } else if (format === 'VP8L') {
    bytes.writeUInt8(0x2f, 20);
    bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21);
  } else {
    bytes.writeUIntLE(width - 1, 24, 3);
    bytes.writeUIntLE(height - 1, 27, 3);
  }
  return bytes.toString('base64');
}
