// English: the connection to the server.
export const connection = {
  'conn.newer': 'A newer version is here.',
  'conn.reload': 'Reload',
  'conn.deaf': 'Nothing new comes in.',
  'conn.deaf.help': 'Requests are answered, but the page is not told what happens. What is shown may be old.',
  'conn.other': '{who} also looks here',
  'conn.others': '{n, plural, one {# other looks here} other {# others look here}}',
  'page.desk': 'desk',
  'page.phone': 'phone',
  'page.unknown': 'somebody',
  'page.tablet': 'tablet',
} as const
