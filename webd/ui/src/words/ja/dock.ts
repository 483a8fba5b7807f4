// Japanese: the dock.
import type { dock as english } from '../en/dock'

export const dock = {
  'dock.label': 'チャットの横',
  'dock.split': '横の幅',
  'dock.full': '幅いっぱいに広げる',
  'dock.usual': '通常の幅に戻す',
  'dock.close': '横の表示を閉じる',
  'dock.peek.to': '{who} 宛て',
  'dock.peek.none': 'まだメッセージはありません。',
  'dock.peek.chat': 'チャット',
  'dock.peek.new': 'チャット、新着 {n} 件',
  'dock.loading': '開いています…',
} satisfies Record<keyof typeof english, string>
