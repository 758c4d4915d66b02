/** What lightbox.js uses of it; the published types are 40 files. */
export interface Slide {
  src: string;
  msrc?: string;
  width: number;
  height: number;
  alt: string;
}
export interface UIElementData {
  name: string;
  title?: string;
  ariaLabel?: string;
  order?: number;
  isButton?: boolean;
  tagName?: "a";
  appendTo?: "root";
  html?: string;
  onClick?: () => void;
  onInit?: (element: HTMLElement) => void;
}
export default class PhotoSwipe {
  constructor(options: Record<string, unknown>);
  currIndex: number;
  element?: HTMLElement;
  ui?: { registerElement(element: UIElementData): void };
  init(): boolean;
  on(name: string, listener: () => void): void;
  close(): void;
}
