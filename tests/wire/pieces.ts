/** Pieces of which byte streams are put together: line ends, the words of an event stream, and bytes that are no UTF-8. */
export const LINE_ENDS = ['\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n']
export const FRAGMENTS = [
  ...['data: ', 'data:', 'data', 'event: ', 'event', 'id: ', 'id', 'retry: ', ':', ': x', ' ', 'a', '7'],
  ...['{"a":1}', '[DONE]', 'foo: ', '\ufeff', '你', '😀', '\0', '\u2028'],
]
export const BROKEN_UTF8 = ['ff', 'e4bd', 'c080', 'eda080', 'f09f98', '80', 'efbb', 'efbbbf']
