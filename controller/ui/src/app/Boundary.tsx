import { Component, type ReactNode } from "react";
import { Failed } from "./Failed";

interface BoundaryProps {
  /** A failure is forgotten when this changes. */
  place?: string;
  children: ReactNode;
}

interface BoundaryState {
  failed: boolean;
  place: string | undefined;
}

/** Keeps a screen that fails from taking everything around it along. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { failed: false, place: this.props.place };

  static getDerivedStateFromError(): Partial<BoundaryState> {
    return { failed: true };
  }

  static getDerivedStateFromProps(
    { place }: BoundaryProps,
    state: BoundaryState,
  ): Partial<BoundaryState> | null {
    return place === state.place ? null : { failed: false, place };
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}
