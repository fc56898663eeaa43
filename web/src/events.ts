/**
 * Server-sent events out of a stream of text.
 *
 * The browser's own EventSource cannot send a token, so the stream is read by hand. Only `data`
 * counts here; comments keep the connection alive and carry nothing.
 */

/** The data of each event, in order, as the pieces of text arrive. */
export async function* eventData(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = "";
  for await (const piece of pieces) {
    text = (text + piece).replaceAll("\r\n", "\n");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const data = dataOf(text.slice(0, end));
      text = text.slice(end + 2);
      if (data !== undefined) yield data;
    }
  }
}

function dataOf(frame: string): string | undefined {
  const lines = frame.split("\n").filter((line) => line.startsWith("data:"));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice("data:".length).replace(/^ /, "")).join("\n");
}
