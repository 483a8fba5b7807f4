// Sets the theme, the text size and the language before the first paint. No module, so that it runs at once.
(function () {
  var root = document.documentElement
  function kept(key) {
    try { return localStorage.getItem(key) } catch (error) { return null }
  }
  var theme = kept('cccc.theme')
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  var size = Number(kept('cccc.text-size'))
  if (size >= 90 && size <= 125) root.style.fontSize = size + '%'
  var language = kept('cccc.language') || navigator.language || 'en'
  root.lang = /^zh/.test(language) ? 'zh' : /^ja/.test(language) ? 'ja' : 'en'
})()
