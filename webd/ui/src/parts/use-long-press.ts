// A long press by a finger, for what a pointer finds by hovering.
import { useRef, type PointerEvent } from 'react'

const PRESS_MS = 500
/** A finger that moves further than this scrolls. */
const MOVE_PX_MAX = 8

export function useLongPress(act: () => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null)
  const end = (): void => {
    if (press.current !== null) clearTimeout(press.current.timer)
    press.current = null
  }
  return {
    onPointerDown: ({ pointerType, clientX: x, clientY: y }: PointerEvent) => {
      end()
      if (pointerType !== 'touch') return
      press.current = { x, y, timer: setTimeout(() => { press.current = null; act() }, PRESS_MS) }
    },
    onPointerMove: ({ clientX, clientY }: PointerEvent) => {
      if (press.current !== null && Math.hypot(clientX - press.current.x, clientY - press.current.y) > MOVE_PX_MAX) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
  }
}
