namespace RestKv.Simulator.Tests;

/// <summary>A planted defect holds for the whole process, so nothing else may run beside a hunt.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}
