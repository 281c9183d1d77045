// Reads answers of other services up to a size limit.

/** The bytes of an answer. @throws when there are more than `maxBytes` */
export async function bytesWithin(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The text of an answer. @throws when it is longer than `maxBytes` */
export async function textWithin(response: Response, maxBytes: number): Promise<string> {
  return (await bytesWithin(response, maxBytes)).toString('utf8');
}
