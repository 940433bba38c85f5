return await RestKv.Cluster.Tests.Chaos.ChaosCommand.RunAsync(args);
