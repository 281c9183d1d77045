// Builds the web app into dist/, which the server sends out: own files only, nothing inline.
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    // Every browser that the styles work in loads modules by itself.
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  // The service worker keeps its name in every version: browsers ask for that file again by themselves.
  worker: { rolldownOptions: { output: { entryFileNames: 'assets/[name].js' } } },
  // `vite` beside a running Buoy, for work on the pages.
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
