import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { Boundary } from "./app/Boundary";
import { Providers } from "./app/providers";
import { Screens } from "./app/router";
import { ready } from "./texts";

const root = document.getElementById("root");
if (root)
  void ready.then(() =>
    createRoot(root).render(
      <StrictMode>
        <Providers>
          <BrowserRouter>
            <Boundary>
              <Screens />
            </Boundary>
          </BrowserRouter>
        </Providers>
      </StrictMode>,
    ),
  );
