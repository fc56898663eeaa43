import { defineConfig } from "vite";

// The service sends the page under `script-src 'self'`: nothing may be written in line, and every
// asset lies in one flat folder under a name that holds a hash of its content.
export default defineConfig({
  base: "/",
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
