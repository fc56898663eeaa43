/**
 * Server-sent events out of a stream of text.
 *
 * The browser's own EventSource cannot send a token, so the stream is read by hand. Only the
 * data of `status` counts here: comments and other events keep the connection alive.
 */

/** The data of each status, in order, as the pieces of text arrive. */
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
  const [event] = fieldsOf(frame, "event");
  const data = fieldsOf(frame, "data");
  return event === "status" && data.length > 0 ? data.join("\n") : undefined;
}

function fieldsOf(frame: string, name: string): string[] {
  const start = `${name}:`;
  const lines = frame.split("\n").filter((line) => line.startsWith(start));
  return lines.map((line) => line.slice(start.length).replace(/^ /, ""));
}
