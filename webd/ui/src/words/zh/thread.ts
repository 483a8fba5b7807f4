// Chinese: the thread panel.
import type { thread as english } from '../en/thread'

export const thread = {
  'thread.title': '话题',
  'thread.loading': '正在获取话题…',
  'thread.error': '无法显示话题：{reason}',
  'thread.again': '再试一次',
  'thread.label': '话题的消息',
  'thread.replies': '{n, plural, =0 {还没有回复} other {# 条回复}}',
  'thread.cut': '只查看了紧随其后的消息。更晚的回复在聊天中。',
  'thread.close': '关闭话题',
  'thread.chat': '在聊天中显示',
  'thread.link': '复制这个话题的链接',
} satisfies Record<keyof typeof english, string>
