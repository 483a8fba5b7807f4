// What a browser shows of what it is told. Part of the worker, which has no page and so no table of words. Pure.

/** What the server seals for a browser. */
export interface Told {
  kind: 'message' | 'owed' | 'agent' | 'test'
  lang: string
  group_id: string
  group_title: string
  by: string
  text: string
  event_id: string
  /** How many of its kind came before it and are not told by themselves. */
  more: number
}

export interface Shown {
  title: string
  body: string
  /** What is told later of the same stands in its place. */
  tag: string
  /** Where a click leads to. */
  address: string
}

interface Words {
  owed: (by: string) => string
  agent: (by: string) => string
  more: (count: number) => string
  test: string
  unread: string
}

const WORDS: Record<'en' | 'zh' | 'ja', Words> = {
  en: {
    owed: (by) => `${by} waits for your answer`,
    agent: (by) => `${by} needs you`,
    more: (count) => `and ${count} more`,
    test: 'Notifications arrive here.',
    unread: 'Something happened. Open the page to see what.',
  },
  zh: {
    owed: (by) => `${by} 在等你的答复`,
    agent: (by) => `${by} 需要你处理`,
    more: (count) => `还有 ${count} 条`,
    test: '通知可以送达这里。',
    unread: '有新情况，打开页面查看。',
  },
  ja: {
    owed: (by) => `${by} が返事を待っています`,
    agent: (by) => `${by} の対応が必要です`,
    more: (count) => `ほか ${count} 件`,
    test: '通知はここに届きます。',
    unread: '新しい出来事があります。ページを開いて確認してください。',
  },
}

const NAME = 'cccc'
const BASE = '/ui/'

const wordsOf = (lang: string): Words => (lang === 'zh' || lang === 'ja' ? WORDS[lang] : WORDS.en)

/** What was told, or null when it is nothing we know. */
export function read(text: string): Told | null {
  try {
    const told = JSON.parse(text) as Partial<Told>
    if (typeof told.kind !== 'string') return null
    return { lang: 'en', group_id: '', group_title: '', by: '', text: '', event_id: '', more: 0, ...told } as Told
  } catch {
    return null
  }
}

function titleOf(told: Told, words: Words): string {
  const who = { message: told.by, owed: words.owed(told.by), agent: words.agent(told.by), test: '' }[told.kind]
  return [who, told.group_title].filter(Boolean).join(' · ') || NAME
}

/** How it is shown. A browser must show something for everything that comes, also for what it cannot read. */
export function shown(told: Told | null, lang: string): Shown {
  if (told === null) return { title: NAME, body: wordsOf(lang).unread, tag: NAME, address: BASE }
  const words = wordsOf(told.lang)
  const body = told.kind === 'test' ? words.test : [told.text, told.more > 0 ? words.more(told.more) : ''].filter(Boolean).join('\n')
  const address = told.group_id === '' ? BASE : `${BASE}g/${encodeURIComponent(told.group_id)}?at=${encodeURIComponent(told.event_id)}`
  return { title: titleOf(told, words), body, tag: `${told.kind} ${told.group_id}`, address }
}
