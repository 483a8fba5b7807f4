// Text that is pasted into a terminal: several lines may run several commands, so they are asked about. Pure.

/** How many lines a text has; a line end at its end begins none. */
export const linesOf = (text: string): number => text.replace(/\r?\n$/, '').split(/\r\n|\r|\n/).length

/** Whether a text does more than stand in the line: it has a line end. */
export const isAsked = (text: string): boolean => /[\r\n]/.test(text)
