// A throwaway home with real daemons, as a test needs it. Nothing of it is left behind.
import { test as base, type Page } from '@playwright/test'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** Where the programs are: where cargo puts them, or where it is told to. */
const BIN = resolve(import.meta.dirname, process.env.CCCC_BIN ?? join(process.env.CARGO_TARGET_DIR ?? '../../../target', 'debug'))

/** Connections over which many messages are sent. */
const SENDERS = 64

/** An agent that shows a prompt and does what it is told, as a shell would. */
const SHELL = `#!/bin/sh
printf '\\033[?2004hready> '
while IFS= read -r line; do eval "$line"; printf 'ready> '; done
`

export class Stack {
  readonly root = mkdtempSync(join(tmpdir(), 'cc-'))
  readonly home = join(this.root, 'h')
  readonly work = join(this.root, 'work')

  constructor(private readonly variables: Record<string, string> = {}) {
    mkdirSync(this.work)
    mkdirSync(join(this.root, 'bin'))
    writeFileSync(join(this.root, 'bin', 'codex'), SHELL)
    chmodSync(join(this.root, 'bin', 'codex'), 0o755)
  }

  private get env(): NodeJS.ProcessEnv {
    const PATH = `${join(this.root, 'bin')}:${process.env.PATH ?? ''}`
    return { PATH, HOME: this.root, CCCC_HOME: this.home, CCCC_WEB_PORT: '0', ...this.variables }
  }

  /** Runs a command of `cccc` and gives what it says. */
  cccc(...words: string[]): string {
    return execFileSync(join(BIN, 'cccc'), words, { env: this.env, cwd: this.work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** Asks for an op. */
  ask<T>(op: string, args: object): T {
    const told = JSON.parse(this.cccc('--json', 'call', op, JSON.stringify(args))) as { result: T }
    return told.result
  }

  /** Starts everything, and waits until pages are served. */
  async start(): Promise<void> {
    this.cccc('daemon', 'start')
    while (!existsSync(join(this.home, 'run', 'web.json'))) await new Promise((then) => setTimeout(then, 50))
  }

  get url(): string {
    return (JSON.parse(readFileSync(join(this.home, 'run', 'web.json'), 'utf8')) as { url: string }).url
  }

  /** A group of the work folder; with an agent that is a shell, if that is wanted. */
  group(agent?: string): string {
    const { group_id } = this.ask<{ group_id: string }>('attach', { path: this.work })
    if (agent !== undefined) {
      const command = [join(this.root, 'bin', 'codex')]
      this.ask('actor_add', { group_id, actor_id: agent, title: agent, runtime: 'custom', command })
      this.ask('group_start', { group_id })
    }
    return group_id
  }

  /** Sends messages to the user, as fast as they are stored, in the order of their numbers. */
  async sendMany(group_id: string, count: number, text: (n: number) => string): Promise<void> {
    const socket = connect(join(this.home, 'daemon', 'ccccd.sock'))
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]()
    for (let n = 0; n < count; n += SENDERS) {
      const some = Array.from({ length: Math.min(SENDERS, count - n) }, (_, at) => text(n + at))
      socket.write(some.map((one) => `${JSON.stringify({ v: 1, op: 'send', args: { group_id, text: one, to: ['user'] } })}\n`).join(''))
      for (const one of some) {
        const { value } = (await answers.next()) as { value?: string }
        if (value === undefined || !(JSON.parse(value) as { ok: boolean }).ok) throw new Error(`${one}: ${value ?? 'no answer'}`)
      }
    }
    socket.end()
  }

  /** Kills a daemon of this home without a warning. */
  kill(name: string): void {
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        const program = readlinkSync(`/proc/${pid}/exe`).split('/').at(-1)
        if (program === name && environment.includes(`CCCC_HOME=${this.home}\0`)) process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It has ended meanwhile, or is somebody else's.
      }
    }
  }

  end(): void {
    try {
      this.cccc('daemon', 'stop')
    } finally {
      rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** A test with a stack that runs. */
export const test = base.extend<{ stack: Stack; variables: Record<string, string> }>({
  variables: [{}, { option: true }],
  stack: async ({ variables }, use) => {
    const stack = new Stack(variables)
    try {
      await stack.start()
      await use(stack)
    } finally {
      stack.end()
    }
  },
})

export const place = (stack: Stack, path: string): string => new URL(path, stack.url).href

/** Opens the chat of a group and waits until one can write. */
export async function chat(page: Page, stack: Stack, group_id: string): Promise<void> {
  await page.goto(place(stack, `/ui/g/${group_id}`))
  await page.locator('#message').waitFor()
}

/** Writes to whoever gets it by itself. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator('#message').fill(text)
  await page.locator('#message').press('Control+Enter')
}
