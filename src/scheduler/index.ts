export { offsetAt } from "./local-time.js";
export { nextRun } from "./next-run.js";
export { type ParsedPattern, type Pattern, type PatternFields, parsePattern } from "./pattern.js";
export { nextRuns, wordsOf } from "./pattern-words.js";
export { type Preset, patternOfPreset, presets } from "./presets.js";
export { createTimetable, type Timetable, type TimetableOptions } from "./timetable.js";
