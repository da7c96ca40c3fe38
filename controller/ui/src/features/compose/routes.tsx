import { lazy } from "react";
import type { RouteObject } from "react-router";

const ComposePage = lazy(() => import("./ComposePage"));

export const routes: RouteObject[] = [{ path: "/soan/:announcementId?", element: <ComposePage /> }];
