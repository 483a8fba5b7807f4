// Chinese: the dock.
import type { dock as english } from '../en/dock'

export const dock = {
  'dock.label': '聊天旁边',
  'dock.split': '侧栏宽度',
  'dock.full': '使用整个宽度',
  'dock.usual': '恢复通常宽度',
  'dock.close': '关闭侧栏',
  'dock.peek.to': '致 {who}',
  'dock.peek.none': '还没有消息。',
  'dock.peek.chat': '聊天',
  'dock.peek.new': '聊天，{n} 条新消息',
  'dock.loading': '正在打开…',
} satisfies Record<keyof typeof english, string>
