// The settings of a group: what holds where nothing was set, and which numbers mean off. Pure.

export interface Settings {
  default_send_to: 'foreman' | 'broadcast'
  min_interval_seconds: number
  auto_mark_on_delivery: boolean
  reply_required_nudge_after_seconds: number
  attention_ack_nudge_after_seconds: number
  unread_nudge_after_seconds: number
  nudge_after_seconds: number
  nudge_digest_min_interval_seconds: number
  nudge_max_repeats_per_obligation: number
  nudge_escalate_after_repeats: number
  actor_idle_timeout_seconds: number
  silence_timeout_seconds: number
  keepalive_delay_seconds: number
  keepalive_max_per_actor: number
  help_nudge_interval_seconds: number
  help_nudge_min_messages: number
  terminal_transcript_visibility: 'off' | 'foreman' | 'all'
  terminal_transcript_notify_tail: boolean
  terminal_transcript_notify_lines: number
}

export type Setting = keyof Settings

/** Settings that have one of few words, and the words. The first is what holds where nothing was set. */
const WORDS = {
  default_send_to: ['foreman', 'broadcast'],
  terminal_transcript_visibility: ['foreman', 'off', 'all'],
} as const

const FLAGS = { auto_mark_on_delivery: false, terminal_transcript_notify_tail: true } as const

const NUMBERS = {
  min_interval_seconds: 0,
  nudge_after_seconds: 300,
  nudge_digest_min_interval_seconds: 120,
  nudge_max_repeats_per_obligation: 3,
  nudge_escalate_after_repeats: 2,
  actor_idle_timeout_seconds: 600,
  silence_timeout_seconds: 600,
  keepalive_delay_seconds: 120,
  keepalive_max_per_actor: 3,
  help_nudge_interval_seconds: 600,
  help_nudge_min_messages: 10,
  terminal_transcript_notify_lines: 20,
} as const

/** Times that are a multiple of the usual one unless they were set. */
export const TIMES_USUAL = {
  reply_required_nudge_after_seconds: 1,
  attention_ack_nudge_after_seconds: 2,
  unread_nudge_after_seconds: 3,
} as const

/** Times that are off at 0, with what they are when they are switched on again. */
export const WHEN_ON = {
  min_interval_seconds: 5,
  reply_required_nudge_after_seconds: 300,
  attention_ack_nudge_after_seconds: 600,
  unread_nudge_after_seconds: 900,
  nudge_after_seconds: 300,
  nudge_digest_min_interval_seconds: 120,
  actor_idle_timeout_seconds: 600,
  silence_timeout_seconds: 600,
  keepalive_delay_seconds: 120,
  help_nudge_interval_seconds: 600,
} as const

export type TimeSetting = keyof typeof WHEN_ON

/** All that holds, of what is stored: a group stores only what was set. What is damaged counts as not set. */
export function effective(stored: Record<string, unknown>): Settings {
  const number = (key: string, otherwise: number): number => {
    const value = stored[key]
    return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.trunc(value)) : otherwise
  }
  const usual = number('nudge_after_seconds', NUMBERS.nudge_after_seconds)
  const all: Record<string, unknown> = {}
  for (const [key, words] of Object.entries(WORDS)) all[key] = words.find((word) => word === stored[key]) ?? words[0]
  for (const [key, flag] of Object.entries(FLAGS)) all[key] = typeof stored[key] === 'boolean' ? stored[key] : flag
  for (const [key, otherwise] of Object.entries(NUMBERS)) all[key] = number(key, otherwise)
  for (const [key, times] of Object.entries(TIMES_USUAL)) all[key] = number(key, usual * times)
  return all as unknown as Settings
}

/** Whether a time follows the usual one, because it has none of its own. */
export const follows = (stored: Record<string, unknown>, key: Setting): boolean => key in TIMES_USUAL && !(key in stored)
