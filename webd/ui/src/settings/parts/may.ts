// Whether anything can be changed at all now.
import type { useConnection } from '../../connection/store'

type Connection = ReturnType<typeof useConnection.getState>

/** Nobody answers, or the server lets this page look only. Buttons that change something are off then. */
export const cannotAct = (state: Connection): boolean => state.phase !== 'live' || state.read_only
