// Japanese: the thread panel.
import type { thread as english } from '../en/thread'

export const thread = {
  'thread.title': 'スレッド',
  'thread.loading': 'スレッドを取得中…',
  'thread.error': 'スレッドを表示できません：{reason}',
  'thread.again': 'もう一度',
  'thread.label': 'スレッドのメッセージ',
  'thread.replies': '{n, plural, =0 {まだ返信はありません} other {返信 # 件}}',
  'thread.cut': '直後の範囲だけを調べました。それ以降の返信はチャットにあります。',
  'thread.close': 'スレッドを閉じる',
  'thread.chat': 'チャットで表示',
  'thread.link': 'このスレッドのリンクをコピー',
} satisfies Record<keyof typeof english, string>
