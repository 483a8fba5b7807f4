// The socket of the page and what it means for the connection: what comes is an answer, a break is looked into, another
// version is said. And who this page is for those who look at the same group.
import { useRoute } from '../app/route'
import { socket } from '../wire/socket'
import { heard, suspect, useConnection } from './store'

/** Broken for longer than this while requests are answered, it is said: what is shown may be old. */
const DEAF_AFTER_MS = 5_000

/** What others are told of this page: a word they can say in their own language. */
export const pageName = (): string => (window.matchMedia('(pointer: coarse)').matches ? (Math.min(screen.width, screen.height) <= 640 ? 'phone' : 'tablet') : 'desk')

const look = (): void => {
  const { place } = useRoute.getState()
  socket.look(pageName(), 'group_id' in place ? place.group_id : null)
}

let watched = false
let deaf: ReturnType<typeof setTimeout> | undefined

/** Begins, and later tries at once. */
export function watchSocket(): void {
  if (watched) {
    socket.retry()
    return
  }
  watched = true
  look()
  useRoute.subscribe(look)
  socket.onOthers((group_id, others) => { useConnection.setState({ others: { group_id, names: others } }) })
  socket.start({
    heard,
    open: ({ read_only }) => {
      clearTimeout(deaf)
      deaf = undefined
      useConnection.setState({ deaf: false, read_only })
    },
    broken: () => {
      deaf ??= setTimeout(() => { useConnection.setState({ deaf: true }) }, DEAF_AFTER_MS)
      useConnection.setState({ others: null })
      suspect()
    },
    newer: () => { useConnection.setState({ newer: true }) },
  })
  window.addEventListener('online', socket.retry)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') socket.retry()
  })
}
