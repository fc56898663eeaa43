import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

// The codings of src/pricing_fdm/web/content_coding.py, by the ending of the file beside each file.
const CODINGS = {
  br: brotliCompressSync, // at its best, which is its default
  gz: (content: Uint8Array) => gzipSync(content, { level: 9 }),
};

/** Compresses each file once, here, so that the service compresses none. */
function compress(): Plugin {
  return {
    name: "compress",
    writeBundle({ dir = "" }, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const content = Buffer.from(file.type === "chunk" ? file.code : file.source);
        for (const [ending, coded] of Object.entries(CODINGS)) {
          writeFileSync(join(dir, `${name}.${ending}`), coded(content));
        }
      }
    },
  };
}

// The service sends the page under `script-src 'self'`: nothing may be written in line, and every
// asset lies in one flat folder under a name that holds a hash of its content.
export default defineConfig({
  base: "/",
  plugins: [compress()],
  build: {
    target: "es2022",
    assetsDir: "assets",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // three.js alone is more; it is loaded when there is a part to show.
    chunkSizeWarningLimit: 700,
  },
  worker: { format: "es" },
  // The licence of three.js asks for its notice to be kept.
  esbuild: { legalComments: "inline" },
});
