// Chinese: the connection to the server.
import type { connection as english } from '../en/connection'

export const connection = {
  'conn.newer': '服务器上有更新的版本。',
  'conn.reload': '重新加载',
  'conn.deaf': '收不到新内容。',
  'conn.deaf.help': '请求有应答，但页面得不到新动态。显示的内容可能已过时。',
  'conn.other': '{who}也在查看',
  'conn.others': '{n, plural, other {另有 # 人在查看}}',
  'page.desk': '电脑',
  'page.phone': '手机',
  'page.unknown': '有人',
  'page.tablet': '平板',
} satisfies Record<keyof typeof english, string>
