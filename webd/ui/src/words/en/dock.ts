// English: the dock.
export const dock = {
  'dock.label': 'Beside the chat',
  'dock.split': 'Width of what stands beside the chat',
  'dock.full': 'Use the whole width',
  'dock.usual': 'Back to its usual width',
  'dock.close': 'Close what stands beside the chat',
  'dock.peek.to': 'to {who}',
  'dock.peek.none': 'No messages yet.',
  'dock.peek.chat': 'Chat',
  'dock.peek.new': 'Chat, {n} new',
  'dock.loading': 'Opening…',
} as const
