// What a terminal says by itself, without a key being pressed: answers to a program's questions, the mouse, the focus. Only
// the terminal of whoever has the keyboard says it, and never while a picture is drawn. Pure.

const REPORT = /^(?:\x1b\[(?:[IO]|[\d;?>=]+[$]?[Rnctyu]|<[\d;]+[Mm]|M[\s\S]{3})|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\))+$/

/** Whether data is reports and nothing else. What cannot be told from a key is a key. */
export const isReport = (data: string): boolean => REPORT.test(data)
