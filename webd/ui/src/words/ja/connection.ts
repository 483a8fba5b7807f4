// Japanese: the connection to the server.
import type { connection as english } from '../en/connection'

export const connection = {
  'conn.newer': '新しいバージョンがあります。',
  'conn.reload': '再読み込み',
  'conn.deaf': '新しい内容が届きません。',
  'conn.deaf.help': '要求には応答がありますが、出来事が届きません。表示は古い可能性があります。',
  'conn.other': '{who}も見ています',
  'conn.others': '{n, plural, other {ほかに # 人が見ています}}',
  'page.desk': 'デスク',
  'page.phone': 'スマホ',
  'page.unknown': '誰か',
  'page.tablet': 'タブレット',
} satisfies Record<keyof typeof english, string>
