"""Files as VTK, the library of ParaView, reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
from vtkmodules.vtkIOXdmf2 import vtkXdmfReader


class Opened:
    """An XDMF file that VTK has read."""

    def __init__(self, path: Path) -> None:
        reader = vtkXdmfReader()
        reader.SetFileName(str(path))
        reader.UpdateInformation()
        key = vtkStreamingDemandDrivenPipeline.TIME_STEPS()
        self.times = reader.GetOutputInformation(0).Get(key)
        reader.Update()
        self.image: vtkImageData = reader.GetOutputDataObject(0)
        ids = range(self.image.GetNumberOfPoints())
        self.points = np.array([self.image.GetPoint(i) for i in ids])

    def __getitem__(self, name: str) -> np.ndarray:
        """The values by VTK's own coordinates [x, y, z], whatever the order of its points."""
        shape = self.image.GetDimensions()
        dx = self.points.max() / (max(shape) - 1)
        values = np.full(shape, np.nan)
        where = tuple(np.rint(self.points / dx).astype(int).T)
        values[where] = vtk_to_numpy(self.image.GetPointData().GetArray(name))
        return values
