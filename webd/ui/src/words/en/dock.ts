// English: the dock.
export const dock = {
  'dock.label': 'Beside the chat',
  'dock.split': 'Width of what stands beside the chat',
  'dock.full': 'Use the whole width',
  'dock.usual': 'Back to its usual width',
  'dock.close': 'Close what stands beside the chat',
  'dock.loading': 'Opening…',
} as const
