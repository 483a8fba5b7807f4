// How the page is built: hashed names below `/ui/`, and beside each text asset its .br and .gz, so that the
// server never compresses.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** A server that runs, for `npm run dev`. */
const WEB = process.env.CCCC_WEB ?? 'http://127.0.0.1:8848'

/** The server answers its own page only, and this one is served from elsewhere while it is worked on. */
const OWN = { target: WEB, changeOrigin: true, headers: { origin: WEB } }

const COMPRESSED = /\.(?:js|css|html|svg|json)$/

function compressed(): Plugin {
  let folder = 'dist'
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!COMPRESSED.test(name)) continue
        const path = join(folder, name)
        const content = readFileSync(path)
        const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }
        writeFileSync(`${path}.br`, brotliCompressSync(content, brotli))
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  base: '/ui/',
  plugins: [react(), compressed()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { page: 'index.html', push: 'src/push/worker.ts' },
      // Browsers know the worker by its address, so it keeps its name; it shares no chunk with the page.
      output: { entryFileNames: ({ name }) => (name === 'push' ? 'push.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': OWN, '/ws': { ...OWN, ws: true } } },
})
