using RestKv.Simulator.Engine;

return SimulatorCommand.Run(args, Console.Out);
