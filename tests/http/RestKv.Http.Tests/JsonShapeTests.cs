using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RestKv.Api.Http;

namespace RestKv.Http.Tests;

/// <summary>Shapes of contracts, made while requests come in at once.</summary>
public sealed class JsonShapeTests
{
    private const int Types = 60;
    private const int Threads = 4;

    [Fact]
    public void Nobody_sees_half_a_shape()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var type = typeof(Holder<int>);
        using var barrier = new Barrier(Threads);
        for (var number = 0; number < Types; number++)
        {
            var info = options.GetTypeInfo(type);
            var seen = new (JsonShapeKind Kind, int Names, int Members)[Threads];
            var threads = Enumerable.Range(0, Threads).Select(index => new Thread(() =>
            {
                barrier.SignalAndWait();

                // Looked at in the moment it is given, before the thread that makes it may have gone on.
                var shape = JsonShape.Of(info);
                seen[index] = (shape.Kind, shape.Names.Length, shape.Members.Length);
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());

            Assert.All(seen, shape => Assert.Equal((JsonShapeKind.Object, 2, 2), shape));
            type = typeof(Holder<>).MakeGenericType(type);
        }
    }

    private sealed class Holder<T>
    {
        public string? Name { get; set; }

        public T? Value { get; set; }
    }
}
