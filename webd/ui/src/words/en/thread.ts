// English: the thread panel.
export const thread = {
  'thread.title': 'Thread',
  'thread.loading': 'Asking for the thread…',
  'thread.error': 'The thread could not be shown: {reason}',
  'thread.again': 'Ask again',
  'thread.label': 'Messages of the thread',
  'thread.replies': '{n, plural, =0 {No replies yet} one {# reply} other {# replies}}',
  'thread.cut': 'Only what was said soon after it was looked through. Later answers are in the chat.',
  'thread.close': 'Close the thread',
  'thread.chat': 'Show it in the chat',
  'thread.link': 'Copy the link to this thread',
} as const
