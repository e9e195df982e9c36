export { renderReport, type ReportOptions } from './report/render-report.ts';
