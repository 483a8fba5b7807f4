// Saves a text as a file of whoever looks at the page.
export function download(filename: string, text: string | string[], type = 'text/plain'): void {
  const address = URL.createObjectURL(new Blob([text].flat(), { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = filename
  link.click()
  // The browser may read it only after this turn.
  setTimeout(() => { URL.revokeObjectURL(address) }, 60_000)
}
